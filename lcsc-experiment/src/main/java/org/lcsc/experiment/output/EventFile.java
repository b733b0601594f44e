package org.lcsc.experiment.output;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.zip.CRC32C;
import org.apache.commons.io.function.IOConsumer;
import org.lcsc.io.Text;
import org.nd4j.shade.protobuf.ByteString;
import org.nd4j.shade.protobuf.CodedOutputStream;
import org.tensorflow.framework.Summary;

/**
 * An event file of TensorBoard, which grows scalar by scalar: {@code
 * events.out.tfevents.SECONDS.lcsc.N}, TensorFlow's records (length, its checksum, data, its
 * checksum) of the protocol message {@code Event}. Every event reaches the operating system before
 * the method returns. Not thread-safe.
 */
public final class EventFile implements AutoCloseable {

  /** How the names of such files begin. */
  public static final String PREFIX = "events.out.tfevents.";

  /** What TensorBoard asks of files that it can continue after a restart. */
  private static final String VERSION = "brain.Event:2";

  /** Fields of the message Event. */
  private static final class Event {
    static final int WALL_TIME = 1;
    static final int STEP = 2;
    static final int FILE_VERSION = 3;
    static final int SUMMARY = 5;
    static final int SESSION_LOG = 7;
  }

  /** Field of the message SessionLog, and one of its values. */
  private static final class SessionLog {
    static final int STATUS = 1;
    static final int START = 1;
  }

  /** Added to a rotated checksum, see TensorFlow's {@code lib/hash/crc32c.h}. */
  private static final int MASK = 0xa282ead8;

  private final OutputStream out;
  private final Clock clock;

  private EventFile(OutputStream out, Clock clock) {
    this.out = out;
    this.clock = clock;
  }

  /**
   * Starts a file beside those that are there; TensorBoard reads all of a directory in the order of
   * their names.
   *
   * @param directory exists
   * @param firstStep events of the other files from this step on are void, since they come again
   * @param clock tells the time of the events
   */
  public static EventFile create(Path directory, long firstStep, Clock clock) throws IOException {
    long seconds = clock.instant().getEpochSecond();
    int number = 0;
    Path file;
    do {
      file = directory.resolve(Text.format("%s%010d.lcsc.%d", PREFIX, seconds, number++));
    } while (Files.exists(file));
    EventFile events =
        new EventFile(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW), clock);
    events.event(0, message -> message.writeString(Event.FILE_VERSION, VERSION));
    events.event(
        firstStep,
        message ->
            message.writeByteArray(
                Event.SESSION_LOG,
                bytes(log -> log.writeInt32(SessionLog.STATUS, SessionLog.START))));
    return events;
  }

  /**
   * Writes a number.
   *
   * @param tag what it is; names with a slash are shown in groups
   * @param step updates applied
   */
  public void scalar(String tag, long step, double value) throws IOException {
    ByteString summary =
        Summary.newBuilder()
            .addValue(Summary.Value.newBuilder().setTag(tag).setSimpleValue((float) value))
            .build()
            .toByteString();
    event(step, message -> message.writeBytes(Event.SUMMARY, summary));
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  private void event(long step, IOConsumer<CodedOutputStream> content) throws IOException {
    record(
        bytes(
            message -> {
              message.writeDouble(Event.WALL_TIME, clock.millis() / 1e3);
              if (step != 0) {
                message.writeInt64(Event.STEP, step);
              }
              content.accept(message);
            }));
  }

  private void record(byte[] data) throws IOException {
    ByteBuffer record =
        ByteBuffer.allocate(data.length + Long.BYTES + 2 * Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(data.length);
    record.putInt(masked(record.array(), Long.BYTES)).put(data).putInt(masked(data, data.length));
    out.write(record.array());
    out.flush();
  }

  private static int masked(byte[] bytes, int length) {
    CRC32C sum = new CRC32C();
    sum.update(bytes, 0, length);
    return Integer.rotateRight((int) sum.getValue(), 15) + MASK;
  }

  private static byte[] bytes(IOConsumer<CodedOutputStream> content) throws IOException {
    ByteString.Output bytes = ByteString.newOutput();
    CodedOutputStream message = CodedOutputStream.newInstance(bytes);
    content.accept(message);
    message.flush();
    return bytes.toByteString().toByteArray();
  }
}
