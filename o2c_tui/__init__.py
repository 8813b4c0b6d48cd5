"""From quotation to cash at the keyboard: the order-to-cash desk of a small B2B company."""
