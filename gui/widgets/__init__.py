"""What views and dialogs are made of: buttons, lists, text, shapes, fonts, sounds."""
