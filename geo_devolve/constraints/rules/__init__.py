"""The rules, a module each. `docs/adding/a-constraint.md` tells how to add one."""
