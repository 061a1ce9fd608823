"""Printed maps: of a plan, of plans beside each other, of an audit."""
