package org.lcsc.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLoggerFactory;

class SilentLoggingTest {

  @Test
  void saysOnceThatNothingIsLogged() {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    PrintStream err = new PrintStream(text, true);
    SilentLogging.warnOnce(LoggerFactory.getILoggerFactory(), err);
    assertThat(text.toString()).as("with a binding").isEmpty();
    SilentLogging.warnOnce(new NOPLoggerFactory(), err);
    SilentLogging.warnOnce(new NOPLoggerFactory(), err);
    assertThat(text.toString()).hasLineCount(1).contains("org.slf4j:slf4j-simple");
  }
}
