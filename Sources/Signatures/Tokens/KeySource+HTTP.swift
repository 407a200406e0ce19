package import Foundation
package import Logging

extension KeySource {
    private static let patience = Duration.seconds(5)

    /// Reads the set at `url`, which is of `http` or `https`; the certificate of the latter is
    /// checked.
    package convenience init(url: URL, interval: Duration = .seconds(300), cooldown: Duration = .seconds(30), logger: Logger) {
        self.init(interval: interval, cooldown: cooldown, logger: logger) {
            try await DocumentFetch.read(
                url, accept: "application/jwk-set+json, application/json", bytesMax: VerificationKeys.setBytesMax, patience: Self.patience)
        }
    }
}
