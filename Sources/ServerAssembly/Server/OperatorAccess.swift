import Logging
import OperatorAPI
import SaleService

extension OperatorGate {
    /// - Throws: `StartError.setting` for a file of operators that cannot be used, and names its
    ///   line.
    init(_ settings: Settings, logger: Logger) throws(StartError) {
        var file: OperatorsFile?
        if let path = settings.operatorsFile { file = try OperatorsFile(path: path, logger: logger) }
        self.init(
            Configuration(
                operators: { [file] in file?.operators }, hosts: AdminHosts(bind: settings.adminBind.host, others: settings.adminHosts),
                isLoopback: settings.adminBind.isLoopback, proxyHeader: settings.operatorHeader, proxies: settings.trustedProxies?.value))
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
