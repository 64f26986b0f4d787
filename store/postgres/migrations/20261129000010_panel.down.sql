DROP TABLE panel_rounds, panel_seats, panel_history;
