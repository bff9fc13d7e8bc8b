"""The corpus, many games in one Parquet file: reading, writing, questions in SQL."""
