/**
 * A search's evaluations spread over Apache Spark: {@link org.lcsc.spark.SparkSearch} from the
 * command line, {@link org.lcsc.spark.SparkEvaluators} in Java.
 */
package org.lcsc.spark;
