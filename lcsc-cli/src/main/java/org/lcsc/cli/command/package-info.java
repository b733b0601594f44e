/**
 * The commands. Each is one class that {@link org.lcsc.cli.Main} registers, for example {@link
 * org.lcsc.cli.command.CheckCommand}.
 */
package org.lcsc.cli.command;
