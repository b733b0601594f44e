package org.lcsc.experiment.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.config.ConfigException;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Parts;
import org.lcsc.config.YamlConfig;
import org.lcsc.consistency.ConsistencySampler;
import org.lcsc.consistency.Distance;
import org.lcsc.consistency.DistilledModel;
import org.lcsc.consistency.ScratchModel;
import org.lcsc.datasets.DataSets;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.model.DiffusionModel;
import org.lcsc.diffusion.model.FlowModel;
import org.lcsc.diffusion.sampler.DdpmSampler;
import org.lcsc.diffusion.sampler.DpmSolver;
import org.lcsc.diffusion.sampler.FlowSampler;
import org.lcsc.diffusion.sampler.Guidance;
import org.lcsc.diffusion.sampler.HeunSampler;
import org.lcsc.diffusion.sampler.SampledModel;
import org.lcsc.diffusion.sampler.SamplerSettings;
import org.lcsc.diffusion.schedule.BetaSchedules;
import org.lcsc.diffusion.schedule.Prediction;
import org.lcsc.diffusion.training.FlowBatches;
import org.lcsc.diffusion.training.FlowTimes;
import org.lcsc.diffusion.training.TrainingLossSettings.Images;
import org.lcsc.diffusion.unet.AdmConfig;
import org.lcsc.diffusion.unet.NcsnppConfig;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNetConfig;
import org.lcsc.search.strategy.EvolutionarySearch;
import org.lcsc.search.strategy.GradientSearch;

class RunConfigTest {

  /** A run on the embedded digits, with most defaults written out. */
  static final String DIGITS =
      """
      dataset: { name: digits }
      model:
        kind: diffusion
        unet: { channels: 16, multipliers: [1, 2], blocks: 1, attention: [4] }
        noiseSchedule: linear
      training: { iterations: 6000, batchSize: 64, learningRate: 1.0e-3, seed: 42 }
      sampler: { kind: dpm-solver++, order: 3, steps: 15, spacing: log-snr }
      ema: { rates: [0.99, 0.995, 0.999, 0.9995] }
      lcsc:
        window: 4000
        interval: 40
        searchAt: [3000, 6000]
        search: { evaluations: 400, samples: 1000, seed: 7 }
        objective: fid
        target: 5.0
      output: runs/digits-ddpm
      """;

  private static final String MIXTURE =
      "objective: { kind: mixture, parts: [ { objective: mean-fid },"
          + " { objective: { kind: training-loss, images: training }, weight: 3 } ] }";

  private static RunConfig parse(String yaml) throws ConfigException {
    return YamlConfig.parse("x.yaml", yaml, RunConfig.class);
  }

  private static String mistake(String yaml) {
    ConfigException e = catchThrowableOfType(ConfigException.class, () -> parse(yaml));
    assertThat(e).as("refusal of %s", yaml).isNotNull();
    assertThat(e.getMessage()).hasLineCount(1).startsWith("x.yaml: ");
    return e.getMessage().substring("x.yaml: ".length());
  }

  @Test
  void guidanceNeedsANetworkThatIsGivenTheClass() throws ConfigException {
    String classes = DIGITS.replace("blocks: 1,", "blocks: 1, classConditional: true,");
    String guided = classes + "guidance: { scale: 2, from: 0.2 }\n";
    RunConfig run = parse(guided.replace("seed: 42", "seed: 42, labelDropout: 0.1"));
    assertThat(run.guidance()).isEqualTo(new Guidance(2, 0.2, null));
    assertThat(run.warnings()).noneMatch(warning -> warning.startsWith("guidance"));
    assertThat(parse(run.toYaml())).isEqualTo(run);
    assertThat(parse(guided).warnings())
        .contains(
            "guidance: the network never learns to do without the class, set"
                + " training.labelDropout");
    assertThat(mistake(DIGITS + "guidance: { scale: 2 }\n"))
        .isEqualTo(
            "guidance: has no effect without classes (guidance 2.0), allowed: only with"
                + " model.unet.classConditional: true");
    assertThat(mistake(DIGITS.replace("seed: 42", "seed: 42, labelDropout: 0.1")))
        .startsWith("training.labelDropout: has no effect without classes (0.1)");
    assertThat(mistake(classes.replace("seed: 42", "seed: 42, labelDropout: 1")))
        .startsWith("training.labelDropout: out of range (1.0)");
    assertThat(mistake(classes + "guidance: { from: 1 }\n"))
        .isEqualTo("guidance.scale: missing, expected a number");
  }

  @Test
  void aFlowIsTrainedAndSampledByItsDefaultsOrAsWritten() throws ConfigException {
    String flow =
        """
        dataset: { name: digits }
        model: { kind: flow, unet: { channels: 16, multipliers: [1, 2], blocks: 1 } }
        training: { iterations: 6000, batchSize: 64, learningRate: 1.0e-3 }
        output: runs/x
        """;
    RunConfig run = parse(flow);
    assertThat(run.sampler()).isEqualTo(new FlowSampler.Settings());
    assertThat(run.model().sampled()).isEqualTo(new SampledModel.Flow(1000));
    FlowModel model = (FlowModel) run.model();
    assertThat(model.times()).isEqualTo(new FlowTimes.Uniform());
    assertThat(model.coupling()).isEqualTo(FlowBatches.Coupling.INDEPENDENT);
    String other =
        flow.replace(
            "blocks: 1 }",
            "blocks: 1 }, times: { kind: logit-normal }, coupling: optimal-transport");
    model = (FlowModel) parse(other).model();
    assertThat(model.times()).isEqualTo(new FlowTimes.LogitNormal(0, 1));
    assertThat(model.coupling()).isEqualTo(FlowBatches.Coupling.OPTIMAL_TRANSPORT);
    assertThat(mistake(flow + "sampler: ddim\n"))
        .isEqualTo("sampler.kind: not for model.kind: flow (ddim), allowed: flow, heun");
    String again = flow.replace("blocks: 1 }", "blocks: 1 }, teacher: runs/flow/ema/0.999.zip");
    assertThat(((FlowModel) parse(again).model()).teacherSteps()).isEqualTo(10);
    assertThat(mistake(again.replace("teacher:", "coupling: optimal-transport, teacher:")))
        .startsWith("model.coupling: has no effect with a teacher")
        .endsWith("(optimal-transport), allowed: independent");
    assertThat(mistake(flow.replace("blocks: 1 }", "blocks: 1 }, teacherSteps: 5")))
        .isEqualTo(
            "model.teacherSteps: has no effect without a teacher (5), allowed: only with teacher");
    String fourier = flow.replace("unet: {", "unet: { architecture: ddpmpp,");
    assertThat(parse(fourier).model().sampled()).isEqualTo(new SampledModel.Flow(1));
  }

  @Test
  void anObjectiveInAMixtureIsCheckedAsOneByItself() {
    String mixture =
        DIGITS.replace(
            "objective: fid",
            "objective: { kind: mixture, parts:"
                + " [{ objective: { kind: mean-fid, spaces: [first, second] } }] }");
    assertThat(mistake(mixture + "features: [random-projection]\n"))
        .startsWith("lcsc.objective.parts[0].objective.spaces: no second feature space");
  }

  @Test
  void anEvaluationInOtherSpacesDoesNotAskForWhatASearchNeeds() throws ConfigException {
    RunConfig searched = parse(DIGITS.replace("objective: fid", "objective: mean-fid"));
    assertThat(searched.lcsc().search().strategy().wantsGradients()).isTrue();
    List<String> opaque = List.of("inception.yaml");
    assertThat(searched.evaluatedIn(opaque).features()).isEqualTo(opaque);
  }

  @Test
  void modelsOfARunWithRangesAreSampledByOtherStepsToo() throws ConfigException {
    RunConfig searched =
        parse(DIGITS.replace("evaluations: 400", "evaluations: 400, timeRanges: 8"));
    SamplerSettings one = Parts.with(searched.sampler(), Map.of("steps", 5));
    assertThatThrownBy(() -> searched.with(one)).isInstanceOf(InvalidValueException.class);
    assertThat(searched.sampledBy(one).sampler()).isEqualTo(one);
  }

  @Test
  void anOwnSearchIsByEvolutionUnlessItSaysOtherwise() throws ConfigException {
    OwnSearchConfig config =
        YamlConfig.parse(
            "own.yaml",
            """
            objective: { kind: command, run: "score {model}" }
            lcsc: { window: 8, interval: 1, every: 8, search: { seed: 7 } }
            output: runs/own
            """,
            OwnSearchConfig.class);
    assertThat(config.lcsc().search().strategy()).isEqualTo(EvolutionarySearch.Parameters.DEFAULTS);
    assertThat(config.lcsc().search().evaluations()).isEqualTo(2000);
  }

  @Test
  void readsAWholeFileAndFillsInTheRest() throws ConfigException {
    RunConfig run = parse(DIGITS);

    assertThat(run.dataset()).isEqualTo(new DataSets.Digits(null, false));
    UNetConfig unet = new UNetConfig(16, List.of(1, 2), 1, List.of(4));
    assertThat(run.model())
        .isEqualTo(new DiffusionModel(unet, new BetaSchedules.Linear(), 1000, Prediction.EPSILON));
    assertThat(run.training().warmup()).isZero();
    assertThat(run.training().finalLearningRate()).isNull();
    assertThat(run.sampler()).isEqualTo(new DpmSolver.PlusPlus());
    assertThat(run.ema().rates()).containsExactly(0.99, 0.995, 0.999, 0.9995);
    assertThat(run.lcsc().validation().samples()).isEqualTo(1000);
    assertThat(run.lcsc().validation().seed()).isEqualTo(8);
    assertThat(run.lcsc().target()).isEqualTo(5.0);
    assertThat(run.outputDirectory()).hasToString("runs/digits-ddpm");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ kind: ddpm }",
        "{ kind: ddim, steps: 25, eta: 0.5, spacing: quadratic }",
        "{ kind: dpm-solver, method: singlestep, order: 2, solverType:" + " taylor }",
        "{ kind: ddpm, spacing: strided, steps: 50, variance: fixed-small, clip: false }",
        "{ kind: heun, steps: 18, batchSize: 7 }",
        "{ }"
      })
  void readsBackEqualWhatIsWrittenResolved(String sampler) throws ConfigException {
    String yaml =
        DIGITS
            .replaceFirst("sampler: .*", "sampler: " + sampler)
            .replace("seed: 42", "seed: 42, decay: cosine, warmup: 10, gradientClip: 1.0");
    RunConfig run = parse(yaml);

    assertThat(YamlConfig.parse("config.yaml", run.toYaml(), RunConfig.class)).isEqualTo(run);
  }

  @Test
  void searchesByGradientsUnlessTheSamplerOrTheFeaturesHaveNone() throws ConfigException {
    String clipping = DIGITS.replaceFirst("sampler: .*", "sampler: { kind: ddim, clip: true }");
    String opaque = DIGITS + "features: [inception.yaml]\n";
    String reported = DIGITS + "features: [pixels, inception.yaml]\n";

    assertThat(parse(DIGITS).lcsc().search().strategy()).isEqualTo(new GradientSearch.Parameters());
    assertThat(parse(reported).lcsc().search().strategy())
        .isEqualTo(new GradientSearch.Parameters());
    assertThat(parse(clipping).lcsc().search().strategy())
        .isEqualTo(new EvolutionarySearch.Parameters());
    assertThat(parse(opaque).lcsc().search().strategy())
        .isEqualTo(new EvolutionarySearch.Parameters());
    assertThat(parse(CONSISTENCY).sampler().isDifferentiable()).isTrue();
  }

  @Test
  void takesEveryStepOfTheModelForAncestralSampling() throws ConfigException {
    RunConfig run = parse(DIGITS.replaceFirst("sampler: .*", "sampler: ddpm"));
    assertThat(run.sampler()).isEqualTo(new DdpmSampler.Settings());
    assertThat(run.sampler().of(run.model().sampled()).evaluations()).isEqualTo(1000);
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "name: digits | name: digit | dataset.name: unknown value (digit) (did you mean digits?),"
            + " allowed: cifar10, digits, ...",
        "name: digits | name: folder | dataset.path: missing, expected a text",
        "name: digits | name: digits, path: x | dataset.path: unknown key, allowed: name, side,"
            + " flip",
        "name: digits | name: digits, side: 16 | dataset.side: out of range (16), allowed: 1 to 8",
        "name: digits | name: digits, channels: 3 | dataset.channels: unknown key, allowed:"
            + " name, side, flip",
        "name: digits | name: folder, path: p, channels: 2 | dataset.channels: unknown value (2),"
            + " allowed: 1 (grey) or 3 (colour)",
        "name: digits | name: folder, path: ' ' | dataset.path: is empty, allowed: a text",
        "kind: diffusion | kind: gan | model.kind: unknown value (gan), allowed:"
            + " consistency-distillation, ...",
        "attention: [4] | attention: [5] | model.unet.attention: no level has this resolution (5),"
            + " allowed: 8, 4",
        "attention: [4] | attention: [8, 4, 2] | model.unet.attention: more attention levels than"
            + " levels (3, multipliers give 2), allowed: at most 2",
        "attention: [4] | attention: [4, 4] | model.unet.attention: holds a value twice (4),"
            + " allowed: distinct values",
        "attention: [4] | attention: [0] | model.unet.attention[0]: too small (0), allowed: 1 or"
            + " more",
        "attention: [4] | attention: 4 | model.unet.attention: expected a list of whole numbers"
            + " (4)",
        "attention: [4] | heads: 3 | model.unet.heads: does not divide channels (3, channels 16),"
            + " allowed: 1, 2, 4, 8, 16",
        "attention: [4] | architecture: ncsn | model.unet.architecture: unknown value (ncsn) (did"
            + " you mean ncsnpp?), allowed: adm, ddpm, ...",
        "attention: [4] | architecture: adm, heads: 2 | model.unet.heads: unknown key,"
            + " allowed: architecture, channels, multipliers, blocks, attention, ...",
        "attention: [4] | frequencies: 8 | model.unet.frequencies: unknown key,"
            + " allowed: architecture, channels, multipliers, blocks, attention, ...",
        "attention: [4] | architecture: adm, headChannels: 6 | model.unet.headChannels: does not"
            + " divide channels (6, channels 16), allowed: 1, 2, 4, 8, 16",
        "attention: [4] | architecture: ncsnpp, zeroInit: true | model.unet.zeroInit: unknown key,"
            + " allowed: architecture, channels, multipliers, blocks, attention, ...",
        "seed: 42 | lossReduction: total | training.lossReduction: unknown value (total), allowed:"
            + " mean, sum",
        "attention: [4] | heads: 0 | model.unet.heads: too small (0), allowed: 1 or more",
        "attention: [4] | dropout: 1.0 | model.unet.dropout: out of range (1.0), allowed: 0 to less"
            + " than 1",
        "attention: [4] | timeEmbedding: scaleshift | model.unet.timeEmbedding: unknown value"
            + " (scaleshift) (did you mean scale-shift?), allowed: add, scale-shift",
        "attention: [4] | classConditional: maybe | model.unet.classConditional: expected true or"
            + " false (maybe)",
        "channels: 16 | channels: 0 | model.unet.channels: out of range (0), allowed: 4 to 16384",
        "channels: 16, | '' | model.unet.channels: missing, expected a whole number",
        "multipliers: [1, 2] | multipliers: [] | model.unet.multipliers: has no fit number of"
            + " levels (0), allowed: 1 to 16",
        "multipliers: [1, 2] | multipliers: [1, 0] | model.unet.multipliers[1]: out of range (0),"
            + " allowed: 1 to 64",
        "multipliers: [1, 2] | multipliers: [1, 2, 2, 2, 2] | model.unet.multipliers: the images'"
            + " side is not a multiple of 16 (side 8, 5 levels), allowed: at most 4 levels, or"
            + " another dataset.side",
        "name: digits | name: digits, side: 7 | model.unet.multipliers: the images' side is not a"
            + " multiple of 2 (side 7, 2 levels), allowed: at most 1 levels, or another"
            + " dataset.side",
        "blocks: 1 | blocks: 0 | model.unet.blocks: out of range (0), allowed: 1 to 64",
        "noiseSchedule: linear | noiseSchedule: cosin | model.noiseSchedule: unknown value (cosin)"
            + " (did you mean cosine?), allowed: constant, cosine,"
            + " jsd, linear, quadratic, sigmoid",
        "noiseSchedule: linear | steps: 1 | model.steps: out of range (1), allowed: 2 to 400000",
        "noiseSchedule: linear | steps: 10 | model.steps: noise schedule linear with 10 steps: beta"
            + " must be in (0, 1), but is 1.1155555555555556 at step 5; a schedule scaled by"
            + " 1000/steps needs more than 20 steps",
        "noiseSchedule: linear | prediction: noise | model.prediction: unknown value (noise),"
            + " allowed: epsilon, v, x0",
        "iterations: 6000 | iterations: 0 | training.iterations: too small (0), allowed: 1 or more",
        "batchSize: 64 | batchSize: 65537 | training.batchSize: out of range (65537), allowed: 1 to"
            + " 65536",
        "batchSize: 64 | batch: 64 | training.batch: unknown key, allowed: iterations, batchSize,"
            + " learningRate, optimizer, warmup, decay, finalLearningRate, gradientClip,"
            + " lossReduction, seed, saveEvery, labelDropout, from",
        "learningRate: 1.0e-3 | learningRate: -1 | training.learningRate: not a positive number"
            + " (-1.0), allowed: more than 0",
        "seed: 42 | warmup: 6000 | training.warmup: out of range (6000), allowed: 0 to 5999",
        "seed: 42 | finalLearningRate: 0 | training.finalLearningRate: has no effect with decay:"
            + " constant (0.0), allowed: only with decay: linear or cosine",
        "seed: 42 | finalLearningRate: 1, decay: linear | training.finalLearningRate: out of range"
            + " (1.0), allowed: 0.0 to 0.001",
        "seed: 42 | gradientClip: 0 | training.gradientClip: not a positive number (0.0), allowed:"
            + " more than 0",
        "kind: dpm-solver++ | kind: dpmsolver | sampler.kind: unknown value (dpmsolver) (did you"
            + " mean dpm-solver?), allowed: consistency, ddim, ...",
        "order: 3 | order: 4 | sampler.order: out of range (4), allowed: 1 to 3",
        "kind: dpm-solver++ | kind: ddim | sampler.order: unknown key, allowed: kind, steps,"
            + " spacing, eta, clip, ...",
        "order: 3 | eta: 0.0 | sampler.eta: unknown key, allowed: kind, steps, order, method,"
            + " spacing, solverType, lowerOrderFinal, denoiseToZero, ...",
        "steps: 15 | steps: 2 | sampler.steps: too few for method: multistep of order 3 (2),"
            + " allowed: 3 or more",
        "steps: 15 | steps: 0 | sampler.steps: too few for method: multistep of order 3 (0),"
            + " allowed: 3 or more",
        "dpm-solver++, order: 3, steps: 15 | ddim | sampler.spacing: unknown value (log-snr),"
            + " allowed: uniform, quadratic, even, strided",
        "order: 3, steps: 15, spacing: log-snr | method: singlestep-fixed, steps: 16 |"
            + " sampler.steps: not a multiple of the order, which method: singlestep-fixed needs"
            + " (16, order 3), allowed: 15 or 18",
        "dpm-solver++, order: 3, steps: 15, spacing: log-snr | heun, churn: -1 | sampler.churn:"
            + " negative (-1.0), allowed: 0 or more",
        "dpm-solver++, order: 3, steps: 15, spacing: log-snr | heun, clip: true | sampler.clip:"
            + " unknown key, allowed: kind, steps, churn, ...",
        "dpm-solver++, order: 3, steps: 15, spacing: log-snr | ddim, steps: 1001 | sampler.steps:"
            + " ddim cannot visit more steps than the model has (1001, model.steps 1000), allowed:"
            + " 2 to 1000",
        "dpm-solver++, order: 3, steps: 15, spacing: log-snr | ddim, steps: 501 | sampler.steps:"
            + " spacing: uniform cannot visit exactly so many of the model's 1000 steps (501),"
            + " allowed: 500 or 1000",
        "dpm-solver++, order: 3, steps: 15, spacing: log-snr | ddpm, steps: 1 | sampler.steps:"
            + " spacing: even cannot visit exactly so many of the model's 1000 steps (1), allowed:"
            + " 2",
        "dpm-solver++, order: 3, steps: 15, spacing: log-snr | ddim, eta: 2 | sampler.eta: out of"
            + " range (2.0), allowed: 0.0 to 1.0",
        "searchAt: [3000, 6000] | searchAt: [3000, 6001] | lcsc.searchAt[1]: after the end of"
            + " training (6001), allowed: at most training.iterations (6000)",
        "searchAt: [3000, 6000] | every: 7000 | lcsc.every: the first search is after the end of"
            + " training (7000), allowed: at most training.iterations (6000)",
        "interval: 40 | intervall: 40 | lcsc.intervall: unknown key (did you mean interval?),"
            + " allowed: window, interval, searchAt, every, startAt, search, objective, validation,"
            + " report, target, storage, greedySoup, keep",
        "output: runs/digits-ddpm | outputs: x | outputs: unknown key (did you mean output?),"
            + " allowed: dataset, model, training, sampler, guidance, ema, features, metrics, lcsc,"
            + " output, tensorboard",
        "output: runs/digits-ddpm | '' | output: missing, expected a text",
        "output: runs/digits-ddpm | output: '' | output: is empty, allowed: a text",
        "output: runs/digits-ddpm | output: \"a\\0b\" | output: not a path here (Nul character not"
            + " allowed), allowed: a path",
      })
  void namesWhatIsWrongInOneLine(String right, String wrong, String expected) {
    assertThat(DIGITS).contains(right);
    // Kinds and keys that are added later lengthen a list.
    int list = expected.indexOf("...");
    String message = mistake(DIGITS.replace(right, wrong));
    assertThat(list < 0 ? message : message.substring(0, list) + "...").isEqualTo(expected);
  }

  @Test
  void featureSpacesAndTheirGradientsAreKnownBeforeAnyWork() {
    assertThat(mistake(DIGITS + "features: [pixels, pixles]\n"))
        .isEqualTo(
            "features[1]: unknown feature space (pixles), allowed: FILE.pt, FILE.pth,"
                + " FILE.safetensors, FILE.yaml, FILE.yml, FILE.zip, pixels, random-projection");
    String gradient = DIGITS.replace("search: {", "search: { strategy: gradient,");
    assertThat(mistake(gradient + "features: [inception.yaml]\n"))
        .startsWith(
            "lcsc.search.strategy: gradient is not possible here: no gradients through"
                + " inception.yaml");
    assertThat(mistake(gradient.replaceFirst("sampler: .*", "sampler: ddpm")))
        .startsWith(
            "lcsc.search.strategy: gradient is not possible here: no gradients through ddpm");
  }

  @Test
  void theLossOfTheTrainingNeedsNeitherSamplerNorFeaturesForItsGradient() throws ConfigException {
    String opaque =
        DIGITS.replaceFirst("sampler: .*", "sampler: ddpm") + "features: [inception.yaml]\n";
    RunConfig loss = parse(opaque.replace("objective: fid", "objective: training-loss"));
    assertThat(loss.lcsc().search().strategy()).isEqualTo(new GradientSearch.Parameters());
    assertThat(loss.scoresLossOf(Images.HELD_OUT)).isTrue();
    assertThat(loss.scoresLossOf(Images.TRAINING)).isFalse();
    RunConfig both = parse(opaque.replace("objective: fid", MIXTURE));
    assertThat(both.lcsc().search().strategy()).isEqualTo(new EvolutionarySearch.Parameters());
    assertThat(both.scoresLossOf(Images.TRAINING)).isTrue();
    for (RunConfig config : List.of(loss, both)) {
      assertThat(parse(config.toYaml())).isEqualTo(config);
    }
  }

  @Test
  void refusesTheLossOfATrainingThatDoesNotCompareNetworks() throws ConfigException {
    String consistency =
        ", whose loss compares outputs of the network with each other and is least where all are"
            + " the same, allowed: an objective of samples such as mean-fid";
    String search = "lcsc: { window: 10, interval: 2, searchAt: [10], objective: training-loss }\n";
    assertThat(mistake(CONSISTENCY + search))
        .isEqualTo(
            "lcsc.objective: training-loss is not for model.kind: consistency-training"
                + consistency);
    assertThat(
            mistake(
                CONSISTENCY.replace(
                        "kind: consistency-training", "kind: consistency-tuning\n  teacher: t.zip")
                    + search.replace("objective: training-loss", MIXTURE)))
        .isEqualTo(
            "lcsc.objective.parts[1].objective: training-loss is not for model.kind:"
                + " consistency-tuning"
                + consistency);
    String flow =
        DIGITS
            .replaceFirst("kind: diffusion", "kind: flow")
            .replaceFirst(" *noiseSchedule: .*\n", "")
            .replaceFirst("sampler: .*\n", "")
            .replace("objective: fid", "objective: training-loss");
    assertThat(parse(flow).lcsc().objective().kind()).isEqualTo("training-loss");
    assertThat(mistake(flow.replace("kind: flow", "kind: flow\n  teacher: t.zip")))
        .startsWith(
            "lcsc.objective: training-loss is not for model.kind: flow, whose teacher's samples"
                + " take the place of images, allowed: ");
    String ranges =
        DIGITS
            .replace("objective: fid", "objective: training-loss")
            .replace("evaluations: 400", "evaluations: 400, timeRanges: 2");
    assertThat(mistake(ranges))
        .startsWith("lcsc.search.timeRanges: not possible with the objective training-loss");
    assertThat(parse(ranges.replace("timeRanges: 2", "timeRanges: 1"))).isNotNull();
  }

  @Test
  void featureSpacesOfAMixtureAreCheckedToo() {
    String mixture =
        "objective: { kind: mixture, parts: [ { objective: { kind: mean-fid, judges: [second] } } ]"
            + " }";
    assertThat(mistake(DIGITS.replace("objective: fid", mixture) + "features: [pixels]\n"))
        .startsWith("lcsc.objective.parts[0].objective.spaces: no second feature space");
  }

  @Test
  void checksTheNetworkAgainstImagesKnownOnlyWhenLoaded() throws ConfigException {
    RunConfig run = parse(DIGITS.replace("name: digits", "name: folder, path: /data"));

    run.checkImages(8, 0);
    assertThatThrownBy(() -> run.checkImages(16, 0))
        .isInstanceOf(InvalidValueException.class)
        .hasMessage("model.unet.attention: no level has this resolution (4), allowed: 16, 8");
  }

  @Test
  void everyNetworkIsWrittenWithItsDefaults() throws ConfigException {
    assertThat(network("architecture: adm"))
        .isEqualTo(new AdmConfig(16, List.of(1, 2), 1, List.of(), 16, 0, false, null));
    assertThat(network("architecture: ncsnpp"))
        .isEqualTo(new NcsnppConfig(16, List.of(1, 2), 1, List.of(), 1, 0, false, null));
    assertThat(network("attention: [4]").kind()).isEqualTo("ddpm");
  }

  private static NetworkBody network(String keys) throws ConfigException {
    RunConfig run = parse(DIGITS.replace("attention: [4]", keys));
    assertThat(parse(run.toYaml())).isEqualTo(run);
    return run.model().unet();
  }

  @Test
  void warnsOfTimeStepsAsNoiseLevels() throws ConfigException {
    String warning = "model.unet.architecture: ncsnpp's random Fourier features";
    assertThat(parse(DIGITS.replace("attention: [4]", "architecture: ncsnpp")).warnings())
        .anyMatch(line -> line.startsWith(warning));
    assertThat(parse(DIGITS.replace("attention: [4]", "architecture: ddpmpp")).warnings())
        .noneMatch(line -> line.startsWith(warning));
  }

  @Test
  void refusesClassConditionsWithoutLabels() throws ConfigException {
    RunConfig run = parse(DIGITS.replace("attention: [4]", "classConditional: true"));

    run.checkImages(8, 10);
    assertThatThrownBy(() -> run.checkImages(8, 0))
        .hasMessage(
            "model.unet.classConditional: the images of digits have no labels (true), allowed:"
                + " false");
  }

  private static final String CONSISTENCY =
      """
      dataset: { name: digits }
      model:
        kind: consistency-training
        unet: { channels: 16, multipliers: [1, 2], blocks: 1 }
      training: { iterations: 100, batchSize: 8, learningRate: 1.0e-3 }
      output: runs/ct
      """;

  /** What has no effect is refused, and not passed over. */
  @Test
  void refusesWhatHasNoEffectOnTheTraining() throws ConfigException {
    String flow =
        CONSISTENCY
            .replace("kind: consistency-training", "kind: flow")
            .replace("name: digits", "name: digits, flip: true");
    parse(flow);
    assertThat(mistake(flow.replace("kind: flow", "kind: flow\n  teacher: flow.zip")))
        .startsWith("dataset.flip: has no effect with model.teacher, ");
    String sum = CONSISTENCY.replace("batchSize: 8", "batchSize: 8, lossReduction: sum");
    parse(sum.replace("unet:", "consistency: { distance: l2 }\n  unet:"));
    assertThat(mistake(sum.replace("unet:", "consistency: { distance: pseudo-huber }\n  unet:")))
        .startsWith("training.lossReduction: has no effect on a distance of whole images (sum), ");
    String heads = CONSISTENCY.replace("blocks: 1", "blocks: 1, headChannels: 8, heads: 2");
    assertThat(mistake(heads))
        .startsWith("model.unet.heads: has no effect beside headChannels (2), allowed: ");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "ddpm, THOUSANDFOLD",
    "adm, THOUSANDFOLD",
    "ncsnpp, QUARTER_LOG",
    "ddpmpp, QUARTER_LOG",
  })
  void tellsEachNetworkTheNoiseLevelAsItWasPublished(String architecture, NetworkTime expected)
      throws ConfigException {
    String yaml = CONSISTENCY.replace("channels", "architecture: " + architecture + ", channels");
    assertThat(((ScratchModel) parse(yaml).model()).networkTime()).isEqualTo(expected);
    assertThat(parse(yaml.replace("unet:", "networkTime: thousandfold\n  unet:")).model())
        .extracting(model -> ((ScratchModel) model).networkTime())
        .isEqualTo(NetworkTime.THOUSANDFOLD);
    assertThat(mistake(yaml.replaceFirst(" *unet: .*\n", "")))
        .startsWith("model.unet.channels: missing, expected");
  }

  @Test
  void consistencyModelsHaveDefaultsOfTheirOwn() throws ConfigException {
    RunConfig training = parse(CONSISTENCY);
    assertThat(training.training().optimizer()).isEqualTo(TrainingConfig.Optimizer.RADAM);
    assertThat(training.sampler()).isEqualTo(new ConsistencySampler.Settings());
    ScratchModel.Training improved = ((ScratchModel) training.model()).consistency();
    assertThat(improved.s1()).isEqualTo(1280);
    assertThat(improved.distance()).isEqualTo(Distance.PSEUDO_HUBER);
    RunConfig original =
        parse(
            CONSISTENCY.replace(
                "blocks: 1 }", "blocks: 1 }\n  consistency: { curriculum: original }"));
    ScratchModel.Training first = ((ScratchModel) original.model()).consistency();
    assertThat(first.s1()).isEqualTo(150);
    assertThat(first.mu0()).isEqualTo(0.9);
    RunConfig distillation =
        parse(
            CONSISTENCY.replace(
                "kind: consistency-training", "kind: consistency-distillation\n  teacher: t.zip"));
    assertThat(((DistilledModel) distillation.model()).consistency())
        .isEqualTo(new DistilledModel.Distillation(Distance.L2, null, null, 18, 0));
    RunConfig edm = parse(CONSISTENCY.replace("consistency-training", "edm"));
    assertThat(edm.sampler()).isEqualTo(new HeunSampler.Settings());
    assertThat(edm.training().optimizer()).isEqualTo(TrainingConfig.Optimizer.ADAM);
    for (RunConfig config : List.of(training, original, distillation, edm)) {
      assertThat(parse(config.toYaml())).isEqualTo(config);
    }
  }

  @Test
  void refusesKeysThatTheKindOfModelHasNoUseFor() {
    assertRefused(
        CONSISTENCY.replace("consistency-training", "consistency-distillation"),
        "model.teacher: missing, expected a text");
    assertRefused(
        CONSISTENCY.replace("blocks: 1 }", "blocks: 1 }\n  steps: 100"),
        "model.steps: unknown key, allowed: kind, unet, sigmaData, networkTime, consistency");
    assertRefused(
        CONSISTENCY.replace("blocks: 1 }", "blocks: 1 }\n  consistency: { levels: 18 }"),
        "model.consistency.levels: unknown key, allowed: distance, huberConstant, backbone,");
    assertRefused(
        CONSISTENCY.replace("blocks: 1 }", "blocks: 1 }\n  consistency: { mu0: 0.5 }"),
        "model.consistency.mu0: has no effect with curriculum: improved, allowed: only with"
            + " curriculum: original");
    assertRefused(
        CONSISTENCY.replace(
            "blocks: 1 }", "blocks: 1 }\n  consistency: { distance: l1, huberConstant: 0.1 }"),
        "model.consistency.huberConstant: has no effect with distance: l1, allowed: only with"
            + " distance: pseudo-huber");
    assertRefused(
        CONSISTENCY + "sampler: { kind: ddim }\n",
        "sampler.kind: not for model.kind: consistency-training (ddim), allowed: consistency");
    assertRefused(
        CONSISTENCY + "sampler: { kind: consistency, sigmas: [1.0, 2.0] }\n",
        "sampler.sigmas[1]: out of range (2.0), allowed: more than 0.002 and less than 1.0");
    assertRefused(
        DIGITS.replace("noiseSchedule: linear", "sigmaData: 0.5"),
        "model.sigmaData: unknown key, allowed: kind, unet, noiseSchedule, steps, prediction");
  }

  private static void assertRefused(String yaml, String message) {
    assertThatThrownBy(() -> parse(yaml))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  @Test
  void warnsOfWhatWorksButMayNotBeMeant() throws ConfigException {
    assertThat(parse(DIGITS).warnings())
        .containsExactly(
            "lcsc.window: larger than the first search iteration (4000, first search at 3000), that"
                + " search combines only 75 of 100 checkpoints");
    assertThat(parse(DIGITS.replace("[3000, 6000]", "[4000, 5000]")).warnings())
        .containsExactly(
            "lcsc.searchAt: the last search (5000) is before the end of training (6000), later"
                + " checkpoints are never searched");
    assertThat(parse(DIGITS.replaceFirst("(?s)lcsc:.*(?=output)", "")).warnings())
        .containsExactly("lcsc: absent, training runs without a search");
  }
}
