/** The command line. */
package org.lcsc.cli;
