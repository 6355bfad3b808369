"""Moving a PostgreSQL database: by a dump through a pipe or by logical replication, and the certificate that ends either."""
