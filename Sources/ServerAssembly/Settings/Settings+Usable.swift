import Logging
import OperatorAPI
import PostgresLedger
import RedisStock

extension Settings {
    /// What `serve` would refuse in these settings beside their form: keys and secrets that it
    /// cannot use. Reaches no server.
    package func requireUsable() throws(StartError) {
        try requireUsableFiles()
        try requireStoreAddresses()
    }

    /// The same for who does not know yet where the stores are.
    package func requireUsableFiles() throws(StartError) {
        let silent = Logger(label: "seckill") { _ in SwiftLogNoOpLogHandler() }
        _ = try Authentication(self, logger: silent)
        _ = try Authentication.paymentSignature(self)
        _ = try OperatorGate(self, logger: silent)
        _ = try EventsOut(self)
    }

    private func requireStoreAddresses() throws(StartError) {
        do { _ = try RedisURL(redisURL) } catch { throw .setting(SettingsError("SECKILL_REDIS_URL is \(error)")) }
        guard !databaseURL.isEmpty else { throw .setting(.noDatabase) }
        do { _ = try PostgresAddress(databaseURL) } catch { throw .setting(SettingsError("SECKILL_DATABASE_URL is \(error)")) }
    }
}
