"""The operator's bench: one program, `gsomia`, in nouns and verbs."""
