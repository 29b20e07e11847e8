extension Application {
    var streamRoutes: [Route] { [] }
    var viewerRoutes: [Route] { [] }
}
