package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class ReferenceStatisticsCacheTest {

  private static final ReferenceStatisticsCache.Key KEY =
      new ReferenceStatisticsCache.Key("sha256:ab", "pixels-1x8x8", "none");

  @TempDir Path directory;

  private final AtomicInteger computed = new AtomicInteger();
  private final FeatureMoments moments = Gaussians.streamed(Gaussians.rows(1, 30, 5, 1));
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(ReferenceStatisticsCache.class);

  private final Supplier<FeatureMoments> compute =
      () -> {
        computed.incrementAndGet();
        return moments;
      };

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(log);
  }

  @Test
  void computesOncePerKey() throws IOException {
    ReferenceStatisticsCache cache = new ReferenceStatisticsCache(directory.resolve("new"));
    cache.get(KEY, compute);
    FeatureMoments again = new ReferenceStatisticsCache(directory.resolve("new")).get(KEY, compute);
    assertThat(computed).hasValue(1);
    assertThat(again.count()).isEqualTo(30);
    assertThat(again.covariance()).containsExactly(moments.covariance());
    assertThat(log.list).isEmpty();
  }

  @Test
  void everyPartOfTheKeyCounts() throws IOException {
    ReferenceStatisticsCache cache = new ReferenceStatisticsCache(directory);
    cache.get(KEY, compute);
    cache.get(new ReferenceStatisticsCache.Key("sha256:ac", "pixels-1x8x8", "none"), compute);
    cache.get(new ReferenceStatisticsCache.Key("sha256:ab", "pixels-1x8x9", "none"), compute);
    cache.get(new ReferenceStatisticsCache.Key("sha256:ab", "pixels-1x8x8", "clip"), compute);
    cache.get(new ReferenceStatisticsCache.Key("sha256:abp", "ixels-1x8x8", "none"), compute);
    assertThat(computed).hasValue(5);
  }

  @Test
  void damagedFileIsComputedAnewWithAWarning() throws IOException {
    ReferenceStatisticsCache cache = new ReferenceStatisticsCache(directory);
    cache.get(KEY, compute);
    byte[] bytes = Files.readAllBytes(cache.file(KEY));
    for (int length : new int[] {0, bytes.length / 2}) {
      log.list.clear();
      Files.write(cache.file(KEY), java.util.Arrays.copyOf(bytes, length));
      assertThat(cache.get(KEY, compute).covariance()).containsExactly(moments.covariance());
      assertThat(log.list).hasSize(1);
      assertThat(log.list.get(0).getFormattedMessage())
          .contains(cache.file(KEY).toString())
          .contains("anew");
      assertThat(cache.file(KEY)).hasBinaryContent(bytes);
    }
    assertThat(computed).hasValue(3);
  }

  @Test
  void fileOfAnotherKeyIsNotTrusted() throws IOException {
    ReferenceStatisticsCache cache = new ReferenceStatisticsCache(directory);
    var other = new ReferenceStatisticsCache.Key("other", "pixels-1x8x8", "none");
    cache.get(other, compute);
    Files.move(cache.file(other), cache.file(KEY));
    cache.get(KEY, compute);
    assertThat(computed).hasValue(2);
    assertThat(log.list.get(0).getFormattedMessage()).contains("another key");
  }

  @Test
  void statisticsThatCannotBeKeptAreUsedWithAWarning() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    FeatureMoments given = new ReferenceStatisticsCache(file).get(KEY, compute);
    assertThat(given).isSameAs(moments);
    assertThat(log.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage, STRING)
        .startsWith("The statistics are not kept for the next run: ")
        .contains(file.toString());
  }
}
