extension ProblemCode {
    /// The same for every occurrence.
    package var title: String {
        switch self {
        case .malformedRequest: "Malformed request"
        case .unauthenticated: "Not signed in"
        case .forbidden: "Not allowed"
        case .unknownSale: "No such sale"
        case .unknownSKU: "No such item"
        case .unknownOrder: "No such order"
        case .notFound: "Nothing here"
        case .methodNotAllowed: "Method not allowed"
        case .bodyTooLarge: "Body too large"
        case .unsupportedMediaType: "Unsupported media type"
        case .headersTooLarge: "Headers too large"
        case .methodNotImplemented: "Method not implemented"
        case .versionNotSupported: "HTTP version not supported"
        case .soldOut: "Sold out"
        case .limitReached: "Limit per user reached"
        case .notStarted: "Sale not started"
        case .paused: "Sale paused"
        case .idempotencyInProgress: "First request still running"
        case .notCancellable: "Order not cancellable"
        case .closed: "Sale closed"
        case .invalidRequest: "Invalid request"
        case .idempotencyMismatch: "Idempotency key used for another request"
        case .rateLimited: "Too many requests"
        case .overloaded: "Overloaded"
        case .recovering: "Recovering"
        case .draining: "Shutting down"
        }
    }

    /// What `detail` says when an occurrence has nothing more to say.
    package var defaultDetail: String {
        switch self {
        case .malformedRequest: "The request could not be read."
        case .unauthenticated: "The request names no user, or does not prove who it is."
        case .forbidden: "This user may not do this."
        case .unknownSale: "There is no sale of this name."
        case .unknownSKU: "The sale has no item of this SKU."
        case .unknownOrder: "There is no order of this id."
        case .notFound: "There is nothing at this path."
        case .methodNotAllowed: "This path does not answer this method."
        case .bodyTooLarge: "The body is longer than 8 KiB."
        case .unsupportedMediaType: "The body must be application/json."
        case .headersTooLarge: "The header fields are longer, or more, than this service reads."
        case .methodNotImplemented: "No path of this service answers this method."
        case .versionNotSupported: "This service speaks HTTP/1.1."
        case .soldOut: "No unit is left."
        case .limitReached: "Another unit would be more than one user may buy."
        case .notStarted: "The sale has not opened yet."
        case .paused: "The sale is paused."
        case .idempotencyInProgress: "A request with this key is still being decided."
        case .notCancellable: "Only an order that awaits its payment can be cancelled."
        case .closed: "The sale is over."
        case .invalidRequest: "The request says something that cannot be."
        case .idempotencyMismatch: "This key was used for another purchase."
        case .rateLimited: "Too many requests in too short a time."
        case .overloaded: "More is waiting than can be answered in time."
        case .recovering: "The stock of this sale is being proven again."
        case .draining: "This node is shutting down."
        }
    }

    /// What a client should do, for the problem's page.
    package var advice: String {
        switch self {
        case .malformedRequest: "Check the request line, the framing and the JSON of the body. Nothing was done."
        case .unauthenticated: "Send one Authorization header with a valid bearer token, then repeat the request."
        case .forbidden: "Repeating the request will not help."
        case .unknownSale: "GET /v1/sales lists the sales."
        case .unknownSKU: "GET /v1/sales/{sale} lists the items of a sale."
        case .unknownOrder: "Check the id. Orders of other users are not shown."
        case .notFound: "Check the path; it is compared as it is written, without decoding."
        case .methodNotAllowed: "The Allow header lists the methods of this path."
        case .bodyTooLarge: "Send a shorter body."
        case .unsupportedMediaType: "Send Content-Type: application/json."
        case .headersTooLarge: "Send fewer or shorter header fields; mind the size of the token."
        case .methodNotImplemented: "Use GET, HEAD or POST."
        case .versionNotSupported: "Send the request as HTTP/1.1."
        case .soldOut: "Nothing was bought. Units of cancelled or unpaid orders may come back: GET /v1/sales/{sale} shows when."
        case .limitReached: "order_id names the order that used the limit. After its cancellation you may buy again."
        case .notStarted: "opens_at tells when it opens and server_time what time it is here. Wait for Retry-After."
        case .paused: "Try again later; the sale continues when its operator says so."
        case .idempotencyInProgress: "Repeat the request with the same key in a moment: it gets the first one's answer."
        case .notCancellable: "GET /v1/orders/{id} shows the state of the order."
        case .closed: "Nothing was bought, and this sale will not open again."
        case .invalidRequest: "errors names each field and its rule."
        case .idempotencyMismatch: "Use a new key for a new purchase."
        case .rateLimited: "Wait for Retry-After. violated_policies names the limits that were exceeded."
        case .overloaded: "Nothing was taken. Wait for Retry-After, then repeat the request with the same Idempotency-Key."
        case .recovering: "Wait for Retry-After, then repeat the request with the same Idempotency-Key."
        case .draining: "Repeat the request at once on a new connection: another node answers it."
        }
    }
}
