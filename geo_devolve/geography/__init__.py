"""What is on the ground: councils, layers, population points, needs and the graph of neighbours."""
