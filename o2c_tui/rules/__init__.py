"""Pure arithmetic of the trade: plain values in, plain values out; no session, no clock, no settings."""
