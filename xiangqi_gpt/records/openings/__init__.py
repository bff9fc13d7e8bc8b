"""What is known of positions: keys, openings and their names, and how games went on."""
