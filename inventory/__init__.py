"""What we have: people's files, read with every field's source, reconciled into one estate, and kept.

The handful of calls that the other rooms need::

    from inventory.store import open_store
    with open_store(workspace.estate_url) as store:      # SQLite file or PostgreSQL; brought up to date
        estate = store.load()                            # inventory.model.Estate: frozen, sorted, by id
        faults = store.faults()                          # {file: (Fault, …)}

    from inventory.importing import import_files, read_files, estate_from_files
    result = import_files(store, paths, read_on)         # reads files and folders, saves what is good
    estate, faults = estate_from_files(paths, read_on)   # the same without a store

    from inventory.records import estate_digest          # "sha256:…" of the facts, not of where they were read
    from inventory.registers import read_register        # (ExceptionEntry, …), faults of policies/exceptions.toml

What is wrong with a file is never raised: it is a `Fault`. What is wrong with the store is an `InventoryError`.
"""
