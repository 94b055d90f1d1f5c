"""The configuration: YAML files under `config/`, read with all their faults told at once."""
