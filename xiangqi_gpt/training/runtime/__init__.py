"""What training needs of the machine: processes, memory, compilation."""
