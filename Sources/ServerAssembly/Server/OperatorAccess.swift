import Foundation
import OperatorAPI
import SaleService

extension OperatorGate {
    /// - Throws: `StartError.setting` for a file of operators that cannot be used, and names its
    ///   line.
    init(_ settings: Settings) throws(StartError) {
        self.init(
            Configuration(
                operators: try Self.operators(settings), hosts: AdminHosts(bind: settings.adminBind.host, others: settings.adminHosts),
                isLoopback: settings.adminBind.isLoopback, proxyHeader: settings.operatorHeader, proxies: settings.trustedProxies))
    }

    private static func operators(_ settings: Settings) throws(StartError) -> OperatorList? {
        guard let path = settings.operatorsFile else { return nil }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw .setting(SettingsError("SECKILL_OPERATORS_FILE cannot be read: \(path)"))
        }
        do {
            return try OperatorList(text)
        } catch {
            throw .setting(SettingsError("SECKILL_OPERATORS_FILE (\(path)), \(error)"))
        }
    }
}

extension ListenAddress {
    /// Only this machine reaches it.
    fileprivate var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
