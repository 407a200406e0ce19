import Glibc
import HTTPFront
import Logging
import SaleService

extension ConnectionLimits {
    /// The bounds that `settings` want, with no more connections than the process may have
    /// descriptors: accepting one too many would stop the listener.
    static func of(_ settings: Settings, _ logger: Logger) -> ConnectionLimits {
        var limits = ConnectionLimits()
        limits.idle = settings.idleTimeout.nanoseconds
        let descriptors = DescriptorLimit.raised(to: Limits.connectionsMax + Limits.descriptorsReserved)
        limits.connectionsMax = max(1, min(Limits.connectionsMax, descriptors - Limits.descriptorsReserved))
        if limits.connectionsMax < Limits.connectionsMax {
            logger.notice(
                "fewer connections than could be served: the limit of open files (ulimit -n) is low",
                metadata: [LogKey.count: "\(limits.connectionsMax)"])
        }
        return limits
    }
}

/// How many descriptors this process may have (getrlimit(2), `RLIMIT_NOFILE`).
enum DescriptorLimit {
    /// Raises the soft limit to `wanted`, as far as the hard limit lets it, and returns what it is
    /// now.
    static func raised(to wanted: Int) -> Int {
        var limit = rlimit()
        // The kernel reads and writes one `rlimit`.
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        if limit.rlim_cur < rlim_t(wanted) {
            var raised = limit
            raised.rlim_cur = min(rlim_t(wanted), limit.rlim_max)
            if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
