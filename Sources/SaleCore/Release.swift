/// Which Seckill this is.
package enum Release {
    /// Semantic versioning.
    package static let version = "0.9.0"
}
