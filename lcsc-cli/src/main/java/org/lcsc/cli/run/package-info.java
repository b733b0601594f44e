/**
 * Shows a run on the terminal: {@link org.lcsc.cli.run.ConsoleRun} is called by trainings and
 * searches, {@link org.lcsc.cli.run.ResultTable} is the table of a search's result.
 */
package org.lcsc.cli.run;
