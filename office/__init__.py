"""What an office keeps: sites, opening hours, slots, appointments, cases, people, and the store for them."""
