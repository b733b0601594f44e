/**
 * Files that appear whole or not at all: {@link org.lcsc.files.AtomicFiles}. Stands on the ground,
 * below all other packages.
 */
package org.lcsc.files;
