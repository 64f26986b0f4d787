DROP TABLE panel_rounds;
DROP TABLE panel_seats;
DROP TABLE panel_history;
