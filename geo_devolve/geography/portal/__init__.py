"""From a portal on the network to a folder that can be read; nothing else asks the network."""
