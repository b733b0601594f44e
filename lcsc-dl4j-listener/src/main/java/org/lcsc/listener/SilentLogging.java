package org.lcsc.listener;

import java.io.PrintStream;
import org.slf4j.ILoggerFactory;
import org.slf4j.helpers.NOPLoggerFactory;

/**
 * Says once that warnings are lost: SLF4J without a binding drops them.
 *
 * <p>Thread-safe.
 */
final class SilentLogging {

  private static boolean said;

  private SilentLogging() {}

  /** Prints a line to {@code err} the first time that {@code loggers} are silent. */
  static synchronized void warnOnce(ILoggerFactory loggers, PrintStream err) {
    if (!said && loggers instanceof NOPLoggerFactory) {
      said = true;
      err.println(
          "lcsc: warning: SLF4J has no binding on the class path, so what LCSC and Deeplearning4j"
              + " log (searches, warnings of unusable checkpoints) is lost; add one, for example"
              + " org.slf4j:slf4j-simple, whose version lcsc-bom gives");
    }
  }
}
