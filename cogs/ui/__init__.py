"""What people see and press: cards, results, buttons. Rendering is pure; only the buttons act."""
