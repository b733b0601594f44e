/**
 * The command line. {@link org.lcsc.cli.Main} is the main type: it registers the commands of {@link
 * org.lcsc.cli.command} and turns whatever they throw into one line and an exit code.
 */
package org.lcsc.cli;
