/**
 * Feature networks given as ONNX files, run by ONNX Runtime: Inception, CLIP, the network of LPIPS
 * or any other. {@link org.lcsc.metrics.onnx.OnnxFeatureExtractor} is the main type; {@link
 * org.lcsc.metrics.onnx.OnnxFeaturesConfig} is the YAML that describes such a file.
 *
 * <p>{@code com.microsoft.onnxruntime:onnxruntime} is an optional dependency: whoever uses this
 * package adds it.
 */
package org.lcsc.metrics.onnx;
