"""Exact amounts: decimal strings outside, integers of the currency's minor unit inside (ISO 4217)."""

from __future__ import annotations

import re

from contract.canary import CURRENCY

MAXIMUM_MINOR_UNITS = 10**15
"""The largest amount of one transaction: far below bigint's limit, so that a balance needs no check of its own."""

_TWO_DIGITS = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP "
    "CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES "
    "KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK "
    "NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB "
    "TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
)
"""ISO 4217 as of 2026-11: its currencies, without its units of account and metals."""
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENTS = (
    dict.fromkeys(_TWO_DIGITS.split(), 2)
    | dict.fromkeys(_NO_DIGITS.split(), 0)
    | dict.fromkeys(_THREE_DIGITS.split(), 3)
    | {CURRENCY: 0}
)
_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,17})(?:\.([0-9]{1,4}))?", re.ASCII)


def exponent_of(currency: str) -> int:
    """How many decimals an amount in `currency` has; raises `ValueError` for what ISO 4217 does not list."""
    if currency not in _EXPONENTS:
        raise ValueError("currency must be an ISO 4217 code such as EUR")
    return _EXPONENTS[currency]


def parse_amount(text: str, currency: str) -> int:
    """Turn `12.34` into minor units; raises `ValueError` that says what is allowed: the canary's currency is not."""
    if currency == CURRENCY:
        raise ValueError(f"currency must be a real one such as EUR: {CURRENCY} is kept to the stage's own tests")
    exponent = exponent_of(currency)
    match = _AMOUNT.fullmatch(text)
    decimals = (match[2] or "") if match else ""
    if not match or len(decimals) != exponent:
        example = "1" if exponent == 0 else f"1.{'0' * exponent}"
        raise ValueError(f"amount must be a decimal string with {exponent} decimals for {currency}, such as {example}")
    minor_units = int(match[1] + decimals)
    if not 0 < minor_units <= MAXIMUM_MINOR_UNITS:
        raise ValueError(f"amount must be above zero and at most {format_amount(MAXIMUM_MINOR_UNITS, currency)}")
    return minor_units


def format_amount(minor_units: int, currency: str) -> str:
    """Turn minor units into the decimal string of `currency`, sign included."""
    exponent = exponent_of(currency)
    sign, digits = ("-" if minor_units < 0 else ""), str(abs(minor_units)).rjust(exponent + 1, "0")
    return sign + (f"{digits[:-exponent]}.{digits[-exponent:]}" if exponent else digits)
