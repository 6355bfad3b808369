"""Reading spreadsheets: cells in, records and faults out."""
