"""Commissioning areas for devolved public services, provably best for your weights and constraints."""
