"""The nouns of a rule pack: what an organisation says about itself, as written; one file per YAML file kind."""
