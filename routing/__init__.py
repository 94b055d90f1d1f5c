"""Who should answer whom: pure rules, standard library and sortedcontainers only."""
