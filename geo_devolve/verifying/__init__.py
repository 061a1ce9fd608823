"""A checker of plans and of what proves them, apart from all that found them.

It imports nothing but Python's standard library, and decides with whole numbers and fractions only.
`docs/certificate.md` is what it reads, for whoever wants to write another.
"""

from geo_devolve.verifying.check import Verdict, verify

__all__ = ["Verdict", "verify"]
