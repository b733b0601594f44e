/**
 * Files and what is in them: {@link org.lcsc.io.AtomicFiles} writes files that appear whole or not
 * at all, {@link org.lcsc.io.ChecksummedFile} notices damage, {@link org.lcsc.io.NpzArchive} and
 * {@link org.lcsc.io.NpyArray} read and write NumPy's formats. Below all other packages.
 */
package org.lcsc.io;
