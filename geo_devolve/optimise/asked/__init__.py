"""What is asked, made ready: constraints to rules, councils to blocks, blocks to coarser ones."""
