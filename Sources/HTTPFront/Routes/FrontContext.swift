package import Hummingbird
import Logging
import SaleService

/// What a request carries through Hummingbird.
package struct FrontContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    package let requestID: RequestID

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        requestID = RequestID(rawValue: .random(in: .min ... .max))
        logger[metadataKey: LogKey.requestID] = "\(requestID)"
    }
}
