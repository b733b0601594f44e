package org.lcsc.objective;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Printable;
import org.lcsc.config.Require;
import org.lcsc.config.YamlNames;
import org.lcsc.io.Json;
import org.lcsc.io.NotFiniteException;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.lcsc.objective.CommandProcess.FailedException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores a model by a command of the user's: it is given a model file and prints a number, or JSON
 * with a named field, as the last line of its standard output. A run that fails, takes too long or
 * prints something else is tried again as often as configured; then the score is NaN, which ranks
 * last and is counted, and a warning says why. Running the command counts as sampling in {@link
 * StageSeconds}, writing the file as merging. A command may also write the derivatives of the score
 * by the tensors of the model, and so be searched by gradients. Not thread-safe.
 */
public class CommandObjective implements Objective, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(CommandObjective.class);
  private static final JsonMapper JSON =
      Json.mapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final double NANO = 1e-9;

  /** Further failures are only counted. */
  private static final int MOST_WARNINGS = 3;

  private static final String MODEL = "{model}";
  private static final String GRADIENT = "{gradient}";

  /** How far, relatively, a score may be from that with its gradient: float32 on other kernels. */
  private static final double SAME = 1e-3;

  /** And absolutely: a KID may be 0. */
  private static final double LEAST = 1e-6;

  private static final Pattern NUMBER =
      Pattern.compile("[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?");

  /** Which scores are better. */
  public enum Goal {
    /** Lower ones, such as a loss. */
    MINIMISE,
    /** Higher ones, such as an accuracy. */
    MAXIMISE
  }

  /**
   * The kind {@code command} of a configuration file.
   *
   * @param run a line for the shell, in which these are replaced: {@code {model}} by the path of
   *     the file to score, {@code {set}} by search, validation or report, {@code {seed}} and {@code
   *     {samples}} by those of that set, with {@code gradient} also {@code {gradient}} by the path
   *     of a file to write the derivatives to, or by nothing where none are wanted
   * @param field name of the number in a line of JSON; default: the line is the number
   * @param goal which scores are better
   * @param timeLimit seconds that a score may take
   * @param retries how often a score that failed is tried again
   * @param parallel how many candidates are scored at a time
   * @param persistent whether the command, without {@code {model}}, is started once: it then reads
   *     a path per line and prints a line for each
   * @param gradient whether it also writes the derivatives of the number that it prints by the
   *     tensors of the model, as a file of the checkpoints' format; one that is started once finds
   *     the path of that file in its line after a tab, where derivatives are wanted. A value with
   *     them counts as three evaluations; default: false
   */
  @Kind("command")
  public record Settings(
      String run,
      @OptionalKey String field,
      Goal goal,
      double timeLimit,
      int retries,
      int parallel,
      boolean persistent,
      @OptionalKey Boolean gradient)
      implements ObjectiveSettings {

    /** An hour for a number, once, one after the other, the less the better. */
    public Settings() {
      this(null, null, Goal.MINIMISE, 3600, 0, 1, false, null);
    }

    public Settings {
      // Not written where it is false: a search begun before the key was there can be resumed.
      gradient = Boolean.TRUE.equals(gradient) ? gradient : null;
      Require.positive("timeLimit", timeLimit);
      Require.between("retries", retries, 0, 100);
      Require.between("parallel", parallel, 1, 1000);
      if (run != null && run.contains(MODEL) == persistent) {
        throw new InvalidValueException(
            "run",
            persistent
                ? "has no use for {model} with persistent: true, allowed: a command that reads"
                    + " paths from its standard input"
                : "lacks {model} ("
                    + Printable.oneLine(run)
                    + "), allowed: a command such as"
                    + " python eval.py {model}");
      }
      if (run != null && run.contains(GRADIENT) != (gradient != null && !persistent)) {
        throw new InvalidValueException(
            "run",
            gradient != null && !persistent
                ? "lacks {gradient} ("
                    + Printable.oneLine(run)
                    + "), allowed with gradient: true: a command such as"
                    + " python eval.py {model} --gradient {gradient}"
                : "has no use for {gradient} "
                    + (gradient != null ? "with persistent: true" : "without gradient: true"));
      }
    }

    @Override
    public boolean scoresFiles() {
      return true;
    }

    @Override
    public Settings measure() {
      Settings usual = new Settings();
      return new Settings(
          run, field, goal, usual.timeLimit, usual.retries, usual.parallel, persistent, gradient);
    }

    @Override
    public boolean givesGradient() {
      return gradient != null;
    }

    @Override
    public CommandObjective create(Inputs inputs) {
      return givesGradient() ? new WithGradient(this, inputs) : new CommandObjective(this, inputs);
    }

    @Override
    public void probe(Inputs inputs, INDArray parameters) {
      try (CommandObjective objective = create(inputs)) {
        double score = objective.score(parameters, null);
        CandidateFiles files = inputs.service(CandidateFiles.class);
        if (givesGradient() && files.set() == CandidateFiles.Set.SEARCH && Double.isFinite(score)) {
          try (INDArray derivatives = parameters.ulike()) {
            requireSame(score, objective.score(parameters, derivatives));
            if (derivatives.amaxNumber().doubleValue() == 0) {
              throw new FailedException("wrote a gradient that is 0 everywhere");
            }
          }
        }
      } catch (FailedException e) {
        throw new InvalidValueException(
            "objective.run",
            Text.format(
                "does not score the newest checkpoint on the set %s: %s, allowed: a command whose"
                    + " last line is %s",
                YamlNames.of(inputs.service(CandidateFiles.class).set()),
                e.getMessage(),
                field == null ? "a number" : "JSON with a number " + field));
      }
    }
  }

  /** The same number with and without derivatives, but for rounding: the same noise, no dropout. */
  private static void requireSame(double score, double withGradient) throws FailedException {
    if (!(Math.abs(withGradient - score) <= SAME * Math.abs(score) + LEAST)) {
      throw new FailedException(
          Text.format(
              "printed %s, and %s for the same model with its gradient, allowed: the same number",
              score, withGradient));
    }
  }

  /** With the derivatives that its command writes. */
  private static final class WithGradient extends CommandObjective
      implements DifferentiableObjective {

    WithGradient(Settings settings, ObjectiveSettings.Inputs inputs) {
      super(settings, inputs);
    }

    /** {@inheritDoc} The command knows one noise alone, whatever the draw. */
    @Override
    public Evaluation gradient(INDArray parameters, long draw, INDArray gradient) {
      return evaluate(parameters, gradient);
    }

    /** One pass forward and, as usual, two backward. */
    @Override
    public double gradientCost() {
      return 3;
    }
  }

  private final Settings settings;
  private final CandidateFiles files;
  private final String command;
  private final String gradientCommand;
  private final Path file;
  private final Path gradientFile;
  private CommandProcess worker;
  private double writing;
  private int failures;

  private CommandObjective(Settings settings, ObjectiveSettings.Inputs inputs) {
    this.settings = settings;
    files = inputs.service(CandidateFiles.class);
    String set = YamlNames.of(files.set());
    Path directory = files.directory().toAbsolutePath();
    int number = COUNT.incrementAndGet();
    file = directory.resolve("candidate-" + number + files.writer().suffix());
    gradientFile = directory.resolve("gradient-" + number + files.writer().suffix());
    String line =
        settings
            .run()
            .replace("{set}", set)
            .replace("{seed}", String.valueOf(files.seed()))
            .replace("{samples}", String.valueOf(inputs.samples()));
    Refuse.argument(
        settings.persistent() && settings.givesGradient() && file.toString().contains("\t"),
        "%s has a tab in its path, which parts the two paths of a line with gradient: true",
        directory);
    command = command(line, "");
    gradientCommand = command(line, gradientFile.toString());
  }

  private String command(String line, String gradient) {
    return ShellLine.of(
        line, Map.of(MODEL, file.toString(), GRADIENT, gradient), CommandProcess.WINDOWS);
  }

  @Override
  public String name() {
    return settings.field() == null ? "score" : settings.field();
  }

  @Override
  public double scoreOf(double value) {
    return settings.goal() == Goal.MINIMISE ? value : -value;
  }

  /**
   * {@inheritDoc}
   *
   * @throws java.util.concurrent.CancellationException where the search is to end
   * @throws UncheckedIOException where the model cannot be written
   */
  @Override
  public Evaluation evaluate(INDArray parameters) {
    return evaluate(parameters, null);
  }

  /** Also with derivatives, where there is an array for them. */
  Evaluation evaluate(INDArray parameters, INDArray gradient) {
    long start = System.nanoTime();
    double score;
    try {
      score = score(parameters, gradient);
    } catch (FailedException e) {
      if (failures++ < MOST_WARNINGS) {
        LOG.warn("A candidate has no score: {} {}", settings.run(), e.getMessage());
      }
      score = Double.NaN;
    }
    double seconds = (System.nanoTime() - start) * NANO;
    return new Evaluation(scoreOf(score), new StageSeconds(writing, seconds - writing, 0, 0));
  }

  /** The score in the command's own units; the derivatives, if wanted, are of the value. */
  private double score(INDArray parameters, INDArray gradient) throws FailedException {
    long start = System.nanoTime();
    try {
      files.writer().write(file, parameters, files.iteration());
    } catch (NotFiniteException e) {
      throw new FailedException("is not asked: " + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
    }
    writing = (System.nanoTime() - start) * NANO;
    try {
      for (int left = settings.retries(); ; left--) {
        try {
          // That of another model or try is none of this one's.
          delete(gradientFile);
          double score = number(settings.persistent() ? ask(gradient) : run(gradient));
          if (gradient != null && Double.isFinite(score)) {
            read(gradient);
          }
          return score;
        } catch (FailedException e) {
          stop();
          if (left == 0) {
            throw e;
          }
          LOG.warn("Scored again: {} {}", settings.run(), e.getMessage());
        }
      }
    } finally {
      delete();
    }
  }

  private void read(INDArray gradient) throws FailedException {
    try {
      files.writer().readGradient(gradientFile, gradient);
    } catch (IOException e) {
      throw new FailedException(
          Files.exists(gradientFile)
              ? "wrote a gradient that is refused: " + e.getMessage()
              : "wrote no gradient to the path that it was given");
    }
    if (settings.goal() == Goal.MAXIMISE) {
      gradient.negi();
    }
  }

  private String run(INDArray gradient) throws FailedException {
    String line = gradient == null ? command : gradientCommand;
    try (CommandProcess process = new CommandProcess(line, files.log(), files.cancelled())) {
      return process.end(settings.timeLimit());
    }
  }

  private String ask(INDArray gradient) throws FailedException {
    if (worker == null) {
      worker = new CommandProcess(command, files.log(), files.cancelled());
    }
    return worker.ask(
        gradient == null ? file.toString() : file + "\t" + gradientFile, settings.timeLimit());
  }

  private double number(String line) throws FailedException {
    if (line.isBlank()) {
      throw new FailedException("printed nothing");
    }
    if (line.length() > CommandProcess.LONGEST_ANSWER) {
      throw new FailedException(
          Text.format(
              "printed a line longer than %s characters (%s)",
              CommandProcess.LONGEST_ANSWER, Printable.oneLine(line)));
    }
    if (settings.field() == null) {
      return number(line, line.strip());
    }
    try {
      JsonNode value = JSON.readTree(line).path(settings.field());
      if (value.isNumber() || value.isTextual()) {
        return number(line, value.asText());
      }
    } catch (JsonProcessingException e) {
      // What Python writes for a number that is not finite is no JSON; else it is told below.
      String other = "\"" + Pattern.quote(settings.field()) + "\"\\s*:\\s*(NaN|-?Infinity)\\b";
      if (Pattern.compile(other).matcher(line).find()) {
        return Double.NaN;
      }
    }
    throw new FailedException(
        Text.format(
            "printed a last line without the number %s (%s)",
            settings.field(), Printable.oneLine(line)));
  }

  private static double number(String line, String text) throws FailedException {
    if (text.toLowerCase(Locale.ROOT).matches("[-+]?(nan|inf|infinity)")) {
      return Double.NaN;
    }
    // Java would also take 1f and 0x1p3.
    if (!NUMBER.matcher(text).matches()) {
      throw new FailedException(
          "printed a last line that is no number (" + Printable.oneLine(line) + ")");
    }
    return Double.parseDouble(text);
  }

  private void stop() {
    if (worker != null) {
      worker.close();
      worker = null;
    }
  }

  private void delete() {
    delete(file);
    delete(gradientFile);
  }

  private static void delete(Path written) {
    try {
      Files.deleteIfExists(written);
    } catch (IOException e) {
      LOG.debug("cannot delete {}", written, e);
    }
  }

  /** Ends a persistent command. */
  @Override
  public void close() {
    stop();
    delete();
  }
}
