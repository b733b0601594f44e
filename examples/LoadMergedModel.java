import java.io.File;
import java.util.Arrays;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Loads an exported model and evaluates the network once. Needs deeplearning4j-nn, nd4j-native,
 * lcsc-diffusion-models (the layers) and lcsc-core, nothing else of this project:
 *
 * <pre>java -cp CLASSPATH examples/LoadMergedModel.java model.zip SIDE</pre>
 */
public class LoadMergedModel {

  public static void main(String[] arguments) throws Exception {
    ComputationGraph network = ComputationGraph.load(new File(arguments[0]), false);
    int side = Integer.parseInt(arguments[1]);
    INDArray image = Nd4j.zeros(DataType.FLOAT, 2, 1, side, side);
    INDArray time = Nd4j.valueArrayOf(new long[] {2, 1}, 500f, DataType.FLOAT);
    INDArray noise = network.outputSingle(image, time);
    if (!Double.isFinite(noise.sumNumber().doubleValue())) {
      throw new IllegalStateException("the model's output is not finite");
    }
    System.out.printf(
        "%s: %,d parameters after %d updates, predicts noise %s%n",
        arguments[0],
        network.numParams(),
        network.getIterationCount(),
        Arrays.toString(noise.shape()));
  }
}
