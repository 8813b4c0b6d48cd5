"""What a report can be narrowed to, where a person is asked for it: warehouses, people and accounts, by code and name."""

import sqlalchemy as sa
from sqlmodel import Session, col

from o2c_tui.models.bank import BankAccount
from o2c_tui.models.company import User
from o2c_tui.models.item import TaxCode, Warehouse
from o2c_tui.models.ledger import Account
from o2c_tui.models.order import SalesOrder


def warehouses(session: Session) -> list[tuple[str, str]]:
    """Every warehouse."""
    query = sa.select(col(Warehouse.code), col(Warehouse.name)).order_by(col(Warehouse.code))
    return [(code, name) for code, name in session.execute(query)]


def accounts(session: Session) -> list[tuple[str, str]]:
    """Every account of the chart."""
    query = sa.select(col(Account.code), col(Account.name)).order_by(col(Account.code))
    return [(code, name) for code, name in session.execute(query)]


def bank_accounts(session: Session) -> list[tuple[str, str]]:
    """Every account at a bank."""
    query = sa.select(col(BankAccount.code), col(BankAccount.name)).order_by(col(BankAccount.code))
    return [(code, name) for code, name in session.execute(query)]


def taxes(session: Session) -> list[tuple[str, str]]:
    """Every tax code."""
    query = sa.select(col(TaxCode.code), col(TaxCode.name)).order_by(col(TaxCode.code))
    return [(code, name) for code, name in session.execute(query)]


def people(session: Session) -> list[tuple[str, str]]:
    """Everybody who made an order, by login and name."""
    logins = session.execute(sa.select(col(SalesOrder.by)).distinct().order_by(col(SalesOrder.by))).scalars()
    names = dict(session.execute(sa.select(col(User.login), col(User.name))).all())
    return [(login, names.get(login, "")) for login in logins]
