"""The pruned search: every candidate of small reduced cost, without walking where there is none."""
